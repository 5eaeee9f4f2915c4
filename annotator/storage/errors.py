"""Why a storage could not do what it was asked."""


class StorageDown(OSError):
    """The storage does not answer, refuses or is full.

    Attributes:
        may_pass: whether asking again may help without anybody's doing.
    """

    def __init__(self, sentence: str, may_pass: bool) -> None:
        super().__init__(sentence)
        self.may_pass = may_pass
