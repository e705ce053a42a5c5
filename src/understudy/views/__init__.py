"""Views of what a client sent: text, XML, parts, claims, GraphQL, fields. Read at first use, and bounded."""
