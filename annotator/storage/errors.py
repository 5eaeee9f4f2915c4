"""The error of a storage that cannot do its work now."""


class StorageDown(OSError):
    """The storage does not answer, refuses or is full.

    Attributes:
        may_pass: whether the same request may succeed later without a change of settings.
        is_repeated: whether it is worth repeating within a minute; a full disk is not.
    """

    def __init__(self, sentence: str, may_pass: bool, is_repeated: bool | None = None) -> None:
        super().__init__(sentence)
        self.may_pass = may_pass
        self.is_repeated = may_pass if is_repeated is None else is_repeated
