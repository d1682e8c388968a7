"""The slow digest behind the seals of answers."""

import hashlib
import sys

#: About ten milliseconds and four megabytes for each digest.
COST = {"n": 2**12, "r": 8, "p": 1, "dklen": 12}


def scrypt(password: str, salt: str) -> str:
    """Give the digest of a text as hexadecimal digits."""
    if sys.platform == "emscripten":
        # Pyodide's hashlib is built without OpenSSL, and so without scrypt.
        from helpers import javascript

        return javascript.scrypt(password.encode(), salt.encode(), **COST).hex()
    return hashlib.scrypt(password.encode(), salt=salt.encode(), **COST).hex()
