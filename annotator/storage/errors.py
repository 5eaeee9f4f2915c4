"""The error of a storage that cannot do its work now."""


class StorageDown(OSError):
    """The storage does not answer, refuses or is full.

    Attributes:
        may_pass: whether the same request may succeed later by itself.
    """

    def __init__(self, sentence: str, may_pass: bool) -> None:
        super().__init__(sentence)
        self.may_pass = may_pass
