"""The pages, with a package for each kind of visitor. Views parse, call and render."""
