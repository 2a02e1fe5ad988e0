"""The JSON API, version 1: what lenders send and fetch; described by OpenAPI, true to the code."""
