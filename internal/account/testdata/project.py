"""Makes the SQLite file of a Django project: python3 project.py FILE"""
import datetime
import sys
import unicodedata

import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.admin"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[1]}},
    USE_TZ=True,
    SECRET_KEY="of a project that is made for a test",
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
)
django.setup()

from django.contrib.auth.models import Group, Permission, User  # noqa: E402
from django.core.management import call_command  # noqa: E402

PASSWORD = "correct horse battery"

call_command("migrate", verbosity=0)
guards = Group.objects.create(name="night watch")
guards.permissions.set(Permission.objects.filter(codename__in=["view_session", "delete_session", "add_permission"]))
taken = Group.objects.create(name="taken")

root = User.objects.create_superuser("root", "root@example.org", PASSWORD)
root.last_login = datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=datetime.timezone.utc)
root.save()

ada = User.objects.create_user("ada", "ada@example.org", PASSWORD, first_name="Ada", last_name="Ångström", is_staff=True)
ada.date_joined = datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
ada.save()
ada.groups.set([guards, taken])
ada.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_logentry"]))

User.objects.create_user("gone", "", PASSWORD, is_active=False)
User.objects.create_user("nopassword")
# A browser sent the password with marks of their own; Django hashes it as it comes.
User.objects.create_user("हिन्दी", "", unicodedata.normalize("NFD", "größer als ein Haus"), is_staff=True)
User.objects.create_user("taken", "", PASSWORD)
md5 = User.objects.create(username="md5", password="md5$salt$d41d8cd98f00b204e9800998ecf8427e")
User.objects.create(username="absurd", password="pbkdf2_sha256$1000000000$salt$" + "A" * 43 + "=")
User.objects.create(username="bad name<script>", password="!")

# SQLite keeps no length: a name could be as long as a file.
of_users = Permission.objects.get(codename="change_user").content_type
md5.user_permissions.add(Permission.objects.create(codename="x" * 5000, content_type=of_users))
