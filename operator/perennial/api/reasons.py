"""The machine-readable reasons of conditions, Events and failed Jobs."""

from enum import StrEnum


class JobReason(StrEnum):
    """Reasons why a Job ended without a result, or cannot start."""

    SOURCE_NOT_FOUND = "SourceNotFound"
    STORE_UNAVAILABLE = "StoreUnavailable"
    STORE_ACCESS_DENIED = "StoreAccessDenied"
    UNREADABLE_DATA = "UnreadableData"
    SCHEMA_MISMATCH = "SchemaMismatch"
    SCHEMA_CHANGED = "SchemaChanged"
    QUALITY_FAILED = "QualityFailed"
    NO_ROWS = "NoRows"
    INVALID_TARGET = "InvalidTarget"
    INVALID_SPEC = "InvalidSpec"
    FIT_FAILED = "FitFailed"
    DIGEST_MISMATCH = "DigestMismatch"
    SELF_CHECK_FAILED = "SelfCheckFailed"
    INTERNAL_ERROR = "InternalError"
    OUT_OF_MEMORY = "OutOfMemory"
    OUT_OF_DISK = "OutOfDisk"
    DEADLINE_EXCEEDED = "DeadlineExceeded"
    IMAGE_UNAVAILABLE = "ImageUnavailable"
    SECRET_NOT_FOUND = "SecretNotFound"  # noqa: S105 - a reason, not a password
    PREDICTION_KEY_NOT_FOUND = "PredictionKeyNotFound"
    SERVICE_ACCOUNT_NOT_FOUND = "ServiceAccountNotFound"
    VOLUME_NOT_FOUND = "VolumeNotFound"
    QUOTA_EXCEEDED = "QuotaExceeded"
    FORBIDDEN = "Forbidden"
    POD_REFUSED = "PodRefused"
    EVICTED = "Evicted"
    UNSCHEDULABLE = "Unschedulable"
    POD_LOST = "PodLost"


class SpecReason(StrEnum):
    """Reasons why a spec cannot be acted on."""

    INVALID_SPEC = "InvalidSpec"
    NAME_TAKEN = "NameTaken"
    DATASET_NOT_FOUND = "DatasetNotFound"
    DATASET_NOT_READY = "DatasetNotReady"
    MODEL_NOT_FOUND = "ModelNotFound"
    VERSION_NOT_FOUND = "VersionNotFound"
    VERSION_NOT_READY = "VersionNotReady"
    NO_VERSION = "NoVersion"
    STORE_NOT_FOUND = "StoreNotFound"
    UNSUPPORTED = "Unsupported"


class Progress(StrEnum):
    """Reasons that describe progress, or a settled state."""

    FIRST_SNAPSHOT = "FirstSnapshot"
    CONTRACT_CHANGED = "ContractChanged"
    REFRESH_DUE = "RefreshDue"
    SNAPSHOT_READY = "SnapshotReady"
    SNAPSHOT_TAKEN = "SnapshotTaken"
    QUEUED = "Queued"
    TRAINING = "Training"
    VERSION_MADE = "VersionMade"
    VERSION_READY = "VersionReady"
    GATE_FAILED = "GateFailed"
    GATES_PASSED = "GatesPassed"
    STARTING = "Starting"
    SHIFTING = "Shifting"
    PAUSING = "Pausing"
    SUPERSEDED = "Superseded"
    SCALING = "Scaling"
    SERVING = "Serving"
    PAUSED = "Paused"
    PROGRESS_DEADLINE_EXCEEDED = "ProgressDeadlineExceeded"
    SERVER_CRASHING = "ServerCrashing"
    SERVER_NOT_READY = "ServerNotReady"
    SCALED_TO_ZERO = "ScaledToZero"
