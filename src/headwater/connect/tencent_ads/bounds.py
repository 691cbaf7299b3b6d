"""What Tencent Ads takes at once: dated facts, held before anything is sent.

Read in November 2026 from developers.e.qq.com/v3.0 and datanexus.qq.com; changed without notice.
"""

from __future__ import annotations

from typing import Final

ACTIONS: Final = 50  # v3.0/docs/api/user_actions/add
# "50 KB" may mean either thousand; the smaller one is safe.
ACTIONS_BYTES: Final = 50_000
OUTER_ACTION_ID_BYTES: Final = 255
URL_BYTES: Final = 2_048
SET_NAME_BYTES: Final = 32  # docs/api/user_data/user_action_set
SET_DESCRIPTION_BYTES: Final = 128

AUDIENCE_NAME_BYTES: Final = 32  # v3.0/docs/api/custom_audiences/add
AUDIENCE_DESCRIPTION_BYTES: Final = 128
AUDIENCE_FILE_BYTES: Final = 100_000_000  # v3.0/docs/api/custom_audience_files/add, zipped
PAGE: Final = 100
# A year of days of more than five hundred ad groups; beyond that one asks for fewer days at once.
REPORT_PAGES: Final = 2_000

REPORT_DAYS_BACK: Final = 365  # v3.0/docs/api/daily_reports/get
REPORT_HOURS_DAYS_BACK: Final = 90  # v3.0/docs/api/hourly_reports/get, one day at a time

NONCE_BYTES: Final = 16  # written as 32 characters, the most that is allowed
STATE_BYTES: Final = 512
TOKEN_SECONDS: Final = 86_400
GRANT_SECONDS: Final = 30 * 86_400
