"""The settings of uploads, of the queue and its workers, and of what the operator sees: figures and logs."""

import logging

from django.core.exceptions import ImproperlyConfigured

from webapp import env, logs, private
from webapp.memory import machine_memory
from webapp.settings.folders import DATA_DIR, WORK_DIR
from webapp.settings.storage import REDIS_URL

# Texts
UPLOAD_LIMIT_BYTES = env.integer("UPLOAD_LIMIT_MB", 20, minimum=1) * 1_000_000
MODEL_LIMIT_BYTES = 4 * UPLOAD_LIMIT_BYTES  # of a model that is uploaded: the server reads 5 limits of one request
DATA_UPLOAD_MAX_MEMORY_SIZE = UPLOAD_LIMIT_BYTES + 1_000_000  # a pasted text is a form field
UPLOAD_LIMIT_FILES = 100  # at a time; when there are more, the page lists those that were left out
DATA_UPLOAD_MAX_NUMBER_FILES = 10 * UPLOAD_LIMIT_FILES  # higher, since Django's own refusal loses the whole form
FILE_UPLOAD_TEMP_DIR = private.folder(WORK_DIR / "uploads")  # where no other user looks, and leftovers are found
FILE_UPLOAD_HANDLERS = [
    "webapp.corpora.uploads.LimitedUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# The queue (docs/queue.md)
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "train"
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_DIRECT = True  # gives each worker one more queue, which only it reads, for its heartbeat
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 10}
RECONCILE_SECONDS = env.integer("RECONCILE_SECONDS", 5, minimum=1)
LEASE_SECONDS = env.integer("LEASE_SECONDS", 60, minimum=2)  # without a renewal, after which a job is taken back
RENEW_SECONDS = env.integer("RENEW_SECONDS", 5, minimum=1)
LEASE_GIVE_UP_SECONDS = env.integer("LEASE_GIVE_UP_SECONDS", 40, minimum=1)  # … after which its worker stops by itself
STOP_GRACE_SECONDS = env.integer("STOP_GRACE_SECONDS", 25, minimum=1)
CHECKPOINT_SECONDS = env.integer("CHECKPOINT_SECONDS", 30, minimum=1)
SHARE_CHECKPOINT_SECONDS = env.integer("SHARE_CHECKPOINT_SECONDS", 120, minimum=0)
LOST_ATTEMPTS = env.integer("LOST_ATTEMPTS", 3, minimum=1)
TURN_SECONDS = env.integer("TURN_SECONDS", 600, minimum=0)  # after which a training gives way to others who wait
STUCK_SECONDS = env.integer("STUCK_SECONDS", 600, minimum=1)  # without an event, after which a trainer counts as stuck

WEB_PROCESSES = env.integer("WEB_PROCESSES", 2, minimum=1)
POLLS_PER_SECOND = env.integer("POLLS_PER_SECOND", 12, minimum=1)  # of all open pages together
_SHARE_MB = max(2000, machine_memory() * 3 // 4 // 1_000_000)
TRAINER_MEMORY_MB = env.integer("TRAINER_MEMORY_MB", _SHARE_MB, minimum=0)  # of each trainer and writing process
MODEL_CACHE_MB = env.integer("MODEL_CACHE_MB", 512, minimum=16)

GPU_WORKERS = env.flag("GPU_WORKERS", False)  # there will be some, even if none is heard of now
MEASURE_SPEED = env.flag("MEASURE_SPEED", True)  # of a training worker that knows its own speed not yet

METRICS_TOKEN = env.text("METRICS_TOKEN", "")  # whoever has it may read the figures for Prometheus
if METRICS_TOKEN and len(METRICS_TOKEN) < 20:
    raise ImproperlyConfigured("METRICS_TOKEN must have at least 20 characters.")

LOG_DIR = DATA_DIR / "logs"
LOG_DIR.mkdir(exist_ok=True)
LOG_FORMAT = env.choice("LOG_FORMAT", logs.FORMS)
LOGGING = logs.configuration(LOG_DIR, env.text("LOG_LEVEL", "INFO"), LOG_FORMAT)
logging.captureWarnings(LOG_FORMAT == "json")  # else Python writes them as lines of its own
