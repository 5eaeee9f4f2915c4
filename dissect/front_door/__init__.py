"""What `import dissect` gives a notebook or script: a function for each command.

Each function takes a network (a SPEC, a `Network` or any `nn.Module`), images (a folder, paths,
Pillow images, arrays, tensors, a Dataset) and the options of its command by the same names. It
returns a frozen dataclass whose arrays have their shapes in its docstring. `arguments` opens what
it is given, `results` turns rows into tables; each of the other modules is one subject.
"""
