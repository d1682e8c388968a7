"""A comparison is written once; what cannot work on a page is refused when it is written."""

from typing import Any

import altair as alt
import ipywidgets as widgets
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from helpers import Comparison, figures
from helpers.figures import live_figure
from helpers.figures.controls import KINDS, Option, option_values, widget_options

PRICES = pd.DataFrame({"supplier": ["Russia", "Qatar"], "price": [150.2, 275.0], "section": "3.2", "notes": "53"})
SUPPLIERS = ["Russia", "Qatar"]
USES = {
    "text": "datum.price + length('' + p)",
    "number": "datum.price * p",
    "list": "indexof(p, datum.supplier)",
}


def chart(expression: str = USES["text"], **properties: object) -> alt.Chart:
    texts = {"title": "Qatar charges more", "description": "Two bars.", **properties}
    return (
        alt.Chart(PRICES)
        .properties(**texts)
        .add_params(alt.param(name="p"))
        .transform_calculate(shown=expression)
        .mark_bar()
        .encode(
            x="shown:Q",
            y="supplier:N",
            tooltip=[alt.Tooltip("supplier:N", title="Supplier"), alt.Tooltip("shown:Q", title="Shown")],
        )
    )


CONTROLS = {
    "select": (widgets.Dropdown(options=SUPPLIERS, description="P"), USES["text"]),
    "list": (widgets.Select(options=SUPPLIERS, description="P"), USES["text"]),
    "radio": (widgets.RadioButtons(options=SUPPLIERS, description="P"), USES["text"]),
    "toggle": (widgets.ToggleButtons(options=SUPPLIERS, description="P"), USES["text"]),
    "several": (widgets.SelectMultiple(options=SUPPLIERS, value=("Qatar",), description="P"), USES["list"]),
    "check": (widgets.Checkbox(True, description="P"), USES["number"]),
    "integer": (widgets.IntSlider(2, 1, 5, description="P"), USES["number"]),
    "float": (widgets.FloatSlider(value=1.5, min=1, max=2, step=0.5, description="P"), USES["number"]),
    "choice": (widgets.SelectionSlider(options=[1, 2, 3], value=2, description="P"), USES["number"]),
    "whole number": (widgets.IntText(3, description="P"), USES["number"]),
    "number": (widgets.FloatText(2.5, description="P"), USES["number"]),
}


def test_every_supported_widget_is_in_the_list_of_cases() -> None:
    assert {type(widget) for widget, _ in CONTROLS.values()} == set(KINDS)


@pytest.mark.parametrize("kind", CONTROLS)
def test_a_supported_widget_has_a_page_face_and_a_face_for_a_notebook(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    widget, expression = CONTROLS[kind]
    comparison = Comparison(chart(expression), p=widget)
    monkeypatch.setenv("HELPERS_OUTPUT", "page")
    faces = comparison._repr_mimebundle_()
    assert set(faces) == {"text/html", "image/png", "text/plain"}
    assert 'data-control="p"' in faces["text/html"]
    assert "<svg" in faces["text/html"]

    row, live, says, panel = comparison._live_parts()
    assert row.children == (widget,)
    assert [type(part).__name__ for part in (live, says, panel)] == ["JupyterChart", "HTML", "Accordion"]
    assert panel.selected_index is None


WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the kernel of a notebook is asked to show beside what it returns."""
    found: list[dict[str, Any]] = []
    monkeypatch.delenv("HELPERS_OUTPUT", raising=False)
    monkeypatch.setattr("helpers.figures.live_figure.InteractiveShell.initialized", lambda: True)
    monkeypatch.setattr(live_figure, "display", lambda data, **_: found.append(data))
    return found


def test_a_notebook_keeps_a_figure_that_needs_no_kernel_beside_the_live_one(shown: list[dict[str, Any]]) -> None:
    comparison = Comparison(chart(USES["number"]), p=widgets.IntSlider(2, 1, 5, description="P"))
    faces = comparison._repr_mimebundle_()
    assert [set(data) for data in shown] == [{WIDGET, "text/html"}]
    assert set(faces) == {"text/html", "image/png", "text/plain"}
    page = BeautifulSoup(faces["text/html"], "html.parser")
    assert page.img["src"] == f"data:image/png;base64,{faces['image/png']}"
    assert page.img["alt"] == "Two bars."
    assert [line.get_text() for line in page.select("figure > p")] == [
        "P: 2.",
        "Source: Balzer (2021), section 3.2, note 53.",
    ]
    assert [cell.get_text() for cell in page.select("details td")] == ["Russia", "300.4", "Qatar", "550"]
    # The live one hides it as long as it is there.
    mark = f"saved-{shown[0][WIDGET]['model_id']}"
    assert page.figure["class"] == [mark]


def test_a_chart_without_controls_has_both_faces_as_well(shown: list[dict[str, Any]]) -> None:
    faces = alt.Chart(PRICES, title="One", description="Two bars.").mark_bar().encode(x="price:Q")
    html = str(figures._render_chart(faces.to_dict())["text/html"])
    assert [set(data) for data in shown] == [{WIDGET, "text/html"}]
    assert "<p>Source: Balzer (2021), section 3.2, note 53.</p>" in html


def test_the_numbers_of_a_live_figure_follow_its_controls_once_they_are_open() -> None:
    widget = widgets.IntSlider(2, 1, 5, description="P")
    *_, panel = Comparison(chart(USES["number"]), p=widget)._live_parts()
    (table,) = panel.children
    widget.value = 3
    assert table.value == ""
    panel.selected_index = 0
    assert '<td style="text-align: right">825</td>' in table.value
    widget.value = 4
    assert '<td style="text-align: right">1100</td>' in table.value


def test_toggle_buttons_stand_in_a_row_as_wide_as_their_labels() -> None:
    widget = widgets.ToggleButtons(options=SUPPLIERS, description="P")
    Comparison(chart(), p=widget)._live_parts()
    assert (widget.style.button_width, widget.layout.width) == ("auto", "auto")


@pytest.mark.parametrize(
    "options",
    [
        [("150.2 dollars", 150.2), ("275 dollars", 275)],
        (("150.2 dollars", 150.2), ("275 dollars", 275)),
        {"150.2 dollars": 150.2, "275 dollars": 275},
    ],
    ids=["list of pairs", "tuple of pairs", "dictionary"],
)
def test_options_are_read_in_one_form_however_they_were_given(options: object) -> None:
    widget = widgets.Dropdown(options=options, description="P")
    assert widget_options(widget) == [Option("150.2 dollars", 150.2), Option("275 dollars", 275)]
    assert option_values(widget) == [150.2, 275]


def test_a_plain_option_is_its_own_label_and_a_slider_has_none() -> None:
    assert widget_options(widgets.SelectMultiple(options=SUPPLIERS)) == [("Russia", "Russia"), ("Qatar", "Qatar")]
    assert widget_options(widgets.SelectionSlider(options=[1, 2])) == [("1", 1), ("2", 2)]
    assert widget_options(widgets.IntSlider()) == []


@pytest.mark.parametrize("kind", CONTROLS)
def test_widget_and_live_chart_follow_each_other(kind: str) -> None:
    widget, expression = CONTROLS[kind]
    comparison = Comparison(chart(expression), p=widget)
    _, live, _, _ = comparison._live_parts()
    values: dict[type, tuple[object, object]] = {
        str: ("Qatar", "Russia"),
        tuple: (["Russia"], ["Qatar"]),
        bool: (False, True),
        int: (3, 1),
        float: (2.0, 1.0),
    }
    by_widget, by_chart = values[type(widget.value)]

    widget.value = by_widget
    assert live.params.p == by_widget

    live.params.p = by_chart
    assert comparison.state["p"] == live.params.p == by_chart


def test_the_static_page_carries_no_widget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPERS_OUTPUT", "page")
    comparison = Comparison(chart(USES["number"]), p=widgets.IntSlider(2, 1, 5, description="P"))
    assert "application/vnd.jupyter.widget-view+json" not in comparison._repr_mimebundle_()


def test_the_table_is_what_vega_computes_in_the_asked_state() -> None:
    comparison = Comparison(chart(USES["number"]), p=widgets.IntSlider(2, 1, 5, description="P"))
    assert comparison.table()["Shown"].tolist() == [300.4, 550.0]
    assert comparison.table(p=3)["Shown"].tolist() == pytest.approx([450.6, 825.0])


def test_the_sentence_follows_the_state() -> None:
    says = "'Times ' + p + '.'"
    comparison = Comparison(
        chart(USES["number"], usermeta={"says": says}), p=widgets.IntSlider(2, 1, 5, description="P")
    )
    assert comparison.says() == "Times 2."
    assert comparison.says(p=4) == "Times 4."


def test_the_source_line_comes_from_the_rows() -> None:
    comparison = Comparison(chart(USES["number"]), p=widgets.IntSlider(2, 1, 5, description="P"))
    assert "Source: Balzer (2021), section 3.2, note 53." in comparison._repr_mimebundle_()["text/html"]


def test_an_unsupported_widget_is_refused_by_name_keyword_and_alternatives() -> None:
    with pytest.raises(TypeError, match=r"DatePicker for `p`.*Use one of: Dropdown, Select,.*FloatText"):
        Comparison(chart(), p=widgets.DatePicker(description="P"))


def test_a_keyword_that_the_chart_does_not_declare_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no parameter `q` \(it has: p\)"):
        Comparison(chart(), q=widgets.IntSlider(description="Q"))


def test_a_parameter_that_moves_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="does not use it"):
        Comparison(chart("datum.price * 2"), p=widgets.IntSlider(description="P"))


def test_a_default_outside_the_options_is_refused() -> None:
    with pytest.raises(ValueError, match="default None of `p` is not among its options"):
        Comparison(chart(), p=widgets.Dropdown(options=SUPPLIERS, value=None, description="P"))


def test_a_comparison_without_a_control_is_refused() -> None:
    with pytest.raises(ValueError, match="needs at least one control"):
        Comparison(chart())


def test_a_parameter_with_a_binding_is_refused() -> None:
    bound = chart().add_params(alt.param(name="q", bind=alt.binding_range()))
    with pytest.raises(ValueError, match="`q` has a binding: leave out bind="):
        Comparison(bound, q=widgets.IntSlider(description="Q"))


def test_a_state_of_another_name_is_refused_with_the_names_that_there_are() -> None:
    comparison = Comparison(chart(USES["number"]), p=widgets.IntSlider(2, 1, 5, description="P"))
    with pytest.raises(ValueError, match="no control `q`: use one of p"):
        comparison.table(q=3)


def test_a_control_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="no description"):
        Comparison(chart(), p=widgets.Dropdown(options=SUPPLIERS))


def test_an_option_that_is_no_plain_value_is_refused() -> None:
    with pytest.raises(TypeError, match=r"option .* of `p` is a Timestamp"):
        Comparison(chart(), p=widgets.Dropdown(options=[pd.Timestamp("2020")], description="P"))


@pytest.mark.parametrize("missing", ["title", "description"])
def test_a_chart_without_title_or_description_is_refused(missing: str) -> None:
    with pytest.raises(ValueError, match=f"has no {missing}"):
        Comparison(chart(**{missing: ""}), p=widgets.Dropdown(options=SUPPLIERS, description="P"))


def test_a_plain_chart_without_description_is_refused() -> None:
    with pytest.raises(ValueError, match="has no description"):
        chart(USES["number"], description="")._repr_mimebundle_()
