"""Parse, call, render: one module for each kind of visitor."""
