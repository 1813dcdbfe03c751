"""The original's stack for the bench: Django on gunicorn, sessions in SQLite.

gunicorn imports this file once (--preload) in the peer's folder. It serves the
page of all peers, from page.json there.
"""
import json
import os
import time
from datetime import datetime, timedelta, timezone

import django
from django.conf import settings

AGE = 20

settings.configure(
    SECRET_KEY=os.urandom(32).hex(),
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib." + a for a in ("auth", "contenttypes", "sessions", "messages")],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.abspath("db.sqlite3")}},
    SESSION_COOKIE_AGE=AGE,
    USE_TZ=True,
)
django.setup()

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpResponse
from django.template import engines
from django.urls import path

call_command("migrate", "sessions", verbosity=0)
connection.close()  # each worker opens one of its own

with open("page.json") as f:
    PAGE = json.load(f)


def template(split):
    text = "".join(part + "{{ %s }}" % field for part, field in zip(split["parts"], split["fields"]))
    return engines["django"].from_string(text + split["parts"][-1])


GET, SET = template(PAGE["get"]), template(PAGE["set"])


def render(page, name):
    ends = datetime.now(timezone.utc) + timedelta(seconds=AGE)
    values = dict(
        PAGE["get"]["values"],
        Name=name,
        AbsoluteMS=str(43200000 - time.time_ns() // 1000 % 1000000),
        Ends=ends.strftime("%b. %d, %Y, %I:%M:%S %p"),
        EndsISO=ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    return HttpResponse(page.render(values))


def set_session(request):
    request.session["name"] = "Sonam"
    return render(SET, "Sonam")


def get_session(request):
    if "name" not in request.session:
        return HttpResponse("Your session has Expired...")
    request.session.modified = True  # extends the session
    return render(GET, request.session["name"])


urlpatterns = [path("set/", set_session), path("get/", get_session)]
application = get_wsgi_application()
