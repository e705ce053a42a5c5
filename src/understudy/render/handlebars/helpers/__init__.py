"""The helpers of Handlebars templates: those of every dialect in `builtin`, then a TABLE for each tool."""
