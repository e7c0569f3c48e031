"""A token vendor in a box: the API of docs/vendor-api.md, with meters that really decode what is typed."""
