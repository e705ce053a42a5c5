"""HTTP archives (HAR 1.2), as browsers, proxies and test tools save what they saw.

The format is that of Jan Odvarko and others, "HAR 1.2 Spec" (softwareishard.com, also ahmadnassri/har-spec).
`entries` reads one exchange, `apart` finds what tells requests of one path apart, `read` makes the config;
`archive` writes exchanges, and `write` the samples of a config.
"""
