"""What torch does not declare public is used in one place, or listed here with its reason."""

import ast

from tests.house.reading import imports, sources

OF_THE_DISPATCHER = "dissect.networks.axes.traced_operation"
# By module, the private members of torch that no public name gives.
MEMBERS = {
    OF_THE_DISPATCHER: {"_schema", "_overloadname", "_can_decompose"},
    "dissect.networks.factories": {"_compiled_call_impl"},  # undoes Module.compile()
    "dissect.networks.weights": {"_metadata"},  # versions of modules, in a state dict
    "dissect.front_door.arguments": {"_modules"},  # puts parts back, in their order
}

OF_NAMED_TUPLES = {"_asdict", "_replace"}  # public, in spite of their names


def is_private(name):
    return name.startswith("_") and not name.startswith("__")


def test_private_modules_and_classes_of_torch_are_imported_in_one_place():
    importing = {
        one.by
        for one in imports("dissect")
        if one.reaches("torch", "torchvision") and any(map(is_private, one.of.split(".")))
    }

    assert importing == {OF_THE_DISPATCHER}


def test_private_members_of_torch_are_used_where_nothing_public_gives_them():
    trees = {name: ast.parse(path.read_text()) for name, path in sources("dissect").items()}
    nodes = [(name, node) for name, tree in trees.items() for node in ast.walk(tree)]
    classes = [node for _, node in nodes if isinstance(node, ast.ClassDef)]
    own = {part.name for one in classes for part in one.body if isinstance(part, ast.FunctionDef)}
    own |= OF_NAMED_TUPLES
    private = [
        (name, n) for name, n in nodes if isinstance(n, ast.Attribute) and is_private(n.attr)
    ]
    own |= {n.attr for _, n in private if isinstance(n.value, ast.Name) and n.value.id == "self"}

    used: dict[str, set[str]] = {}
    for name, node in private:
        if node.attr not in own:
            used.setdefault(name, set()).add(node.attr)

    assert used == MEMBERS
