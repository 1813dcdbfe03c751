"""Says what Django's validators say: JSON [[password, username, first, last, email], ...] in, [[message, ...], ...] out."""
import json
import sys

import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
    AUTH_PASSWORD_VALIDATORS=[
        {"NAME": "django.contrib.auth.password_validation." + name}
        for name in (
            "UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator",
        )
    ],
)
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.contrib.auth.password_validation import validate_password  # noqa: E402
from django.core.exceptions import ValidationError  # noqa: E402


def check(password, username, first, last, email):
    try:
        validate_password(password, User(username=username, first_name=first, last_name=last, email=email))
    except ValidationError as e:
        return e.messages
    return []


json.dump([check(*case) for case in json.load(sys.stdin)], sys.stdout)
