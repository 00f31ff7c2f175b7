"""What can be asked of the image API."""

import enum


class Operation(enum.StrEnum):
    """One kind of call. The two that are billed are never repeated where they may have been accepted."""

    SUBMIT = "submit"  # POST /v2/{model}
    SYNC = "sync"  # POST /v1/{model}
    STATUS = "status"
    RESULT = "result"
    UPLOAD = "upload"
    HISTORY = "history"
    CREDITS = "credits"  # the account's balance
    DOWNLOAD = "download"  # an output file, from whatever host holds it

    @property
    def is_billed(self) -> bool:
        return self in (Operation.SUBMIT, Operation.SYNC)
