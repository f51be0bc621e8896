r"""What a request says and what an answer looks like on the wire. It knows no account and stores nothing.

    bytes -> form.decode -> kinds.checked -> parameters           encode.body <- Wire            a request, an answer
                  \              \------------> Refused -> refusals.envelope -> encode.error_body

A value of a request is stored or refused, never ignored: a *kind* says how it is read, and with which words it is
refused. Every sentence of a refusal is wire text, so each stands once, word for word, in `refusals`. An object that
somebody else wrote keeps its own text (`PreservedObject`) until it is changed.
"""

from replayer.sandbox.wire import credentials, encode, form, kinds, refusals
from replayer.sandbox.wire.preserved_json import PreservedObject
from replayer.sandbox.wire.refusals import Refused
from replayer.sandbox.wire.values import Wire

__all__ = ["PreservedObject", "Refused", "Wire", "credentials", "encode", "form", "kinds", "refusals"]
