"""The comparison that opens the book: one list of the report gives the same money in two sizes."""

import altair as alt
import ipywidgets as widgets
import pandas as pd

from helpers import Comparison
from helpers.audit.summaries import printed_value
from helpers.expressions import parameters
from helpers.theme import role_scale

#: The figures that are compared, by their statements: China's total, two stocks, and how often they have China's.
CHINA, GERMANY, CYPRUS, BY_GERMANY, BY_CYPRUS = "3.3-06", "3.3-11", "3.3-13", "3.3-10", "3.3-12"

ORIGINS = {"printed in the list": "printed", "computed from it": "computed"}


def opening_comparison() -> Comparison:
    """Make the comparison from the statements of section 3.3."""
    china, germany, cyprus = (printed_value(one) for one in (CHINA, GERMANY, CYPRUS))
    by_germany, by_cyprus = int(printed_value(BY_GERMANY)), int(printed_value(BY_CYPRUS))
    printed, computed = ORIGINS
    ways = [
        ("The list prints", china, printed),
        (f"Cyprus’s {cyprus:g} billion ÷ {by_cyprus}", cyprus / by_cyprus, computed),
        (f"Germany’s {germany:g} billion ÷ your number", germany, computed),
    ]
    table = pd.DataFrame(ways, columns=["way", "amount", "origin"])
    amount = alt.X("billion:Q", title="Billion US dollars", scale=alt.Scale(domain=[0, 8.5]), axis=alt.Axis(grid=False))
    bars = (
        alt.Chart(table)
        .transform_calculate(billion=f"datum.way == {ways[2][0]!r} ? datum.amount / times : datum.amount")
        .encode(
            x=amount,
            y=alt.Y("way:N", sort=None, axis=None),
            tooltip=[
                alt.Tooltip("way:N", title="Way to the figure"),
                alt.Tooltip("origin:N", title="Origin"),
                alt.Tooltip("billion:Q", title="Billion US dollars", format=".2f"),
            ],
        )
    )
    # On a phone names beside the bars would leave them no room.
    names = bars.mark_text(align="left", dy=-19).encode(x=alt.value(0), text="way:N")
    colour = alt.Color("origin:N", title=None, scale=role_scale(ORIGINS), legend=alt.Legend(columnPadding=40))
    values = bars.mark_text(align="left", dx=5).encode(text=alt.Text("billion:Q", format=".2f"))
    implied = f"({germany} / times)"
    says = (
        f"'If Germany’s {germany:g} billion are ' + times + ' times what China has, China has ' + "
        f"format({implied}, '.2f') + ' billion: ' + ({implied} > {china} * 1.05 ? format({implied} / {china}, '.1f') + "
        f"' times the {china * 1000:.0f} million that the same list prints.' : {implied} < {china} * 0.95 ? "
        f"'less than the {china * 1000:.0f} million that the same list prints.' : "
        f"'close to the {china * 1000:.0f} million that the same list prints. The report has {by_germany}.')"
    )
    chart = (
        alt.layer(names, bars.mark_bar(height=16).encode(color=colour), values)
        .add_params(*parameters("times"))
        .properties(
            name="one-list-two-sizes",
            height=alt.Step(52),
            title=alt.Title(
                f"The list that prints {china * 1000:.0f} million dollars also leads to 1.8 billion",
                subtitle="Chinese money in Russia, by three lines of one list",
            ),
            description=f"Three bars, in billion US dollars. Printed: {china:g}. Cyprus's stock divided by "
            f"its multiple of {by_cyprus}: {cyprus / by_cyprus:.2f}. Germany's divided by its multiple of "
            f"{by_germany}: {germany / by_germany:.2f}.",
            usermeta={"says": says, "source": "Balzer (2021), section 3.3, note 58; divided by us."},
        )
    )
    slider = widgets.IntSlider(
        value=by_germany, min=2, max=40, description="Germany has how many times as much as China?"
    )
    return Comparison(chart, times=slider)
