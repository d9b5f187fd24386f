"""Compare `openapi.yaml` with a newer published OpenAPI description of the service, by structure.

Run from the root of the repository:

    python -m tools.spec_diff [OURS] UPSTREAM [--accept FILE] [--json]

Both inputs are OpenAPI 3.0 or 3.1 in YAML or JSON, as a file or an http(s) address; `OURS` is
`openapi.yaml` unless named. Texts (descriptions, examples, titles), the order of keys, names of
component schemas and ways to write the same thing (a reference or the schema itself, `allOf`,
`nullable` or a type list with null) make no difference.

Every difference is BREAKING (somebody who calls the service through our client would notice),
ADDED (new or looser) or CHANGED (for information). The direction matters: a new value of an enum
is harmless in what we send and breaking in what we receive, unless our enum is open, that is
`anyOf` of the known values and any string. The body of a webhook counts as received.

Our description differs from the published one on purpose in places. These stand in a YAML list,
`tools/spec_diff/accepted.yaml` (for `openapi-rest.yaml`, `accepted-rest.yaml`, once there are any) unless
`--accept` names another file:

    - path: "* > flow[] > sms > body"      # as printed; * is any text
      change: field no longer required     # as printed, with the detail or without; * as above
      reason: The root's body is the fallback.

They are left out of the report; those that match nothing any more are listed as stale.

Exit status: 0 nothing breaking, 1 something breaking, 2 wrong usage or an input that cannot be
read or compared.
"""
