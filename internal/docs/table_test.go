package docs

import (
	"slices"
	"strings"
	"testing"
)

// placeholders are what a reader replaces, and what the tests put there.
var placeholders = strings.NewReplacer(
	"USERNAME", "ada",
	"sessions end 9c41e0a7", `sessions end "$(pagesession sessions list --json | jq -r '.sessions[0].fingerprint')"`,
)

// A reason says why a command of a page does not run here. The command begins with text.
type reason struct{ page, text, why string }

var reasons = []reason{
	{"README.md", "git clone ", "the module has no published address"},
	{"README.md", "cd pagesession", "the clone is not there"},
	{"README.md", "go run . ", "step \"smoke\" of .ci/run runs it in a fresh copy, with a free port"},
	{"README.md", "go test ./...", "a step of .ci/run of the same name runs it; this test is part of it"},
	{"docs/DEPLOY.md", "go run ./deploy/dist ", "step \"dist\" of .ci/run builds them"},
	{"docs/DEPLOY.md", "go -C deploy/packages run .", "step \"packages\" of .ci/run makes them"},
	{"docs/DEPLOY.md", "sudo apt install", "step \"packages\" of .ci/run installs it in a Debian of its own"},
	{"docs/DEPLOY.md", "sudo dnf install", "step \"packages\" of .ci/run installs it with rpm"},
	{"docs/SESSIONS.md", "go mod tidy", "it downloads the modules of the modules' tests; TestDocs_Apps of session builds the apps of the page"},
}

// A preparation is a script that a page needs before the first of its commands that begins with
// before, or before all of them if that is empty.
type preparation struct{ page, before, script string }

// prelude has functions for preparations.
const prelude = `
set -e
# serve starts a server in the background and waits until it is ready.
serve() {
	setsid "${PROGRAM:-pagesession}" "$@" </dev/null >/tmp/serve.log 2>&1 &
	for i in $(seq 300); do pagesession healthcheck >/dev/null 2>&1 && return; sleep 0.1; done
	cat /tmp/serve.log; return 1
}
# end stops it.
end() { pkill -x pagesession; while pgrep -x -r D,R,S pagesession >/dev/null; do sleep 0.05; done; }
# redis starts a Redis.
redis() {
	setsid redis-server "$@" </dev/null >/tmp/redis.log 2>&1 &
	for i in $(seq 300); do redis-cli ping 2>&1 | grep -qE 'PONG|NOAUTH' && return; sleep 0.1; done
	cat /tmp/redis.log; return 1
}
operator() { PAGESESSION_SUPERUSER_PASSWORD='` + password + `' pagesession createsuperuser --noinput --username "$1" --email ''; }
`

// tooling is the folder in a view that has the programs of this checkout.
const tooling = "/opt/docs"

const password = "nine green apples"

var preparations = []preparation{
	{"README.md", "curl ", "serve"},
	{"docs/ACCOUNTS.md", "", "serve; operator ada"},
	{"docs/BACKUP.md", "", "export PAGESESSION_IDLE_TIMEOUT=30s; serve; operator ada; end"},
	{"docs/COMMANDS.md", "", "serve; curl -s -o /dev/null 'http://127.0.0.1:8000/set/?name=Ada'"},
	{"docs/DEPLOY.md", "pagesession --addr :443 ", `
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=example.com -addext subjectAltName=DNS:example.com \
			-keyout /etc/ssl/private/example.com.key -out /etc/ssl/example.com.pem 2>/dev/null`},
	{"docs/DEPLOY.md", "pagesession --allowed-hosts pages.example.com", "systemctl stop pagesession"},
	{"docs/DISKS.md", "", `
		export PAGESESSION_DATA_DIR=/var/lib/pagesession
		mkdir -m 0700 -p $PAGESESSION_DATA_DIR
		mount -t tmpfs -o size=4m,mode=0700 tmpfs $PAGESESSION_DATA_DIR
		serve; operator ada
		# A process that has the file open keeps its room from coming back when it is removed.
		setsid sleep 600 <$PAGESESSION_DATA_DIR/sessions.db >/dev/null 2>&1 &
		dd if=/dev/zero of=$PAGESESSION_DATA_DIR/other bs=4k 2>/dev/null || true
		rm $PAGESESSION_DATA_DIR/sessions.db
		for i in $(seq 300); do pagesession status | grep -q 'sessions.db.new.*no space left' && break; sleep 0.1; done`},
	{"docs/DJANGO.md", "", "sqlite3 db.sqlite3 <internal/account/testdata/project.sql; serve"},
	{"docs/PRIVACY.md", "", `
		serve; operator ada; operator eve
		curl -s -o /dev/null -c jar http://127.0.0.1:8000/admin/login/
		curl -s -o /dev/null -b jar -c jar -H 'Sec-Fetch-Site: same-origin' -H 'Origin: http://127.0.0.1:8000' \
			--data-urlencode username=ada --data-urlencode password='` + password + `' http://127.0.0.1:8000/admin/login/`},
	{"docs/SCALING.md", "pagesession --sessions ", "redis --save ''"},
	{"docs/SCALING.md", "sudo -u postgres createuser", `
		redis-cli shutdown nosave || true
		for host in 10 11 21 22; do ip address add 10.0.0.$host/32 dev lo; done
		redis /etc/redis/redis.conf --dir /tmp
		mkdir -p /run/postgresql /tmp/pg
		chown postgres: /run/postgresql /tmp/pg
		bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
		sudo -u postgres $bin/initdb -D /tmp/pg --auth-local=peer --no-sync --no-instructions >/dev/null
		echo 'host pagesession pagesession 10.0.0.0/24 scram-sha-256' >>/tmp/pg/pg_hba.conf
		echo "listen_addresses = 'localhost, 10.0.0.22'" >>/tmp/pg/postgresql.conf
		sudo -u postgres $bin/pg_ctl -D /tmp/pg -o '-c unix_socket_directories=/run/postgresql' -l /tmp/pg.log -w start >/dev/null`},
	{"docs/SCALING.md", "sudo pagesession config check", install},
	{"docs/SCALING.md", "export PAGESESSION_SESSIONS_PASSWORD_FILE", `
		systemctl stop pagesession
		redis-cli -a REDIS-PASSWORD flushall 2>/dev/null
		mkdir -p /etc/pagesession
		install -m 0600 /dev/stdin /etc/pagesession/redis-password <<<REDIS-PASSWORD
		serve --idle-timeout 10m
		go run ./bench seed -n 1000 -url http://127.0.0.1:8000 -o /tmp/ids.txt`},
	{"docs/START.md", "", `
		mkdir -p /srv/download/pagesession-VERSION-linux-amd64; cd /srv/download
		cp ` + tooling + `/pagesession pagesession-VERSION-linux-amd64
		tar -czf pagesession-VERSION-linux-amd64.tar.gz --remove-files pagesession-VERSION-linux-amd64
		{ sha256sum *.tar.gz; echo "$(printf '%064d' 0)  of-another-system.zip"; } >SHA256SUMS`},
	{"docs/START.md", "curl ", "PROGRAM=./pagesession serve"},
	{"docs/START.md", "./pagesession sessions list", "curl -s -o /dev/null -b jar -c jar 'http://127.0.0.1:8000/set/?name=Ada'"},
	{"docs/START.md", "ls ", "end"},
	{"docs/SESSIONS.md", "", `
		mkdir /srv/app; cd /srv/app
		printf 'module app\n\ngo 1.26\n' >go.mod
		sed -n '/^` + "```" + `go nethttp/,/^` + "```" + `$/p' ../pagesession/docs/SESSIONS.md | sed '1d;$d' >main.go`},
}

// install installs the program and its unit.
const install = `
	install ` + tooling + `/pagesession /usr/local/bin/
	cp deploy/pagesession.service /etc/systemd/system/`

// exits are the exit codes of commands that fail on purpose.
var exits = map[string]int{
	"pagesession check --deploy --addr :8000": 1, // there are findings
}

// plan returns the steps of a page with its preparations, without the commands that have a reason.
func plan(t *testing.T, page string) (steps []step) {
	t.Helper()
	blocks, _ := split(readPage(t, page))
	done := make([]bool, len(preparations))
	for _, b := range blocks {
		for _, s := range b.steps() {
			if excused(page, s.Command) {
				continue
			}
			steps = append(steps, prepared(page, s.Command, done)...)
			s.Command, s.Code = placeholders.Replace(s.Command), exitCode(s.Command)
			steps = append(steps, s)
		}
	}
	for i, p := range preparations {
		if p.page == page && !done[i] {
			t.Errorf("%s has no command that begins with %q; table_test.go prepares it", page, p.before)
		}
	}
	return steps
}

func prepared(page, command string, done []bool) (steps []step) {
	for i, p := range preparations {
		if p.page == page && !done[i] && strings.HasPrefix(command, p.before) {
			done[i] = true
			steps = append(steps, step{Command: prelude + p.script})
		}
	}
	return steps
}

func excused(page, command string) bool {
	return slices.ContainsFunc(reasons, func(r reason) bool { return r.page == page && strings.HasPrefix(command, r.text) })
}

func exitCode(command string) int {
	for begin, code := range exits {
		if strings.HasPrefix(command, begin) {
			return code
		}
	}
	return 0
}

// Each command of the pages runs, or has a reason. A reason whose command is gone has to go, too.
func TestTable_ReasonsMatch(t *testing.T) {
	for _, r := range reasons {
		blocks, _ := split(readPage(t, r.page))
		if !slices.ContainsFunc(blocks, func(b block) bool {
			return slices.ContainsFunc(b.steps(), func(s step) bool { return strings.HasPrefix(s.Command, r.text) })
		}) || r.why == "" {
			t.Errorf("%s has no command that begins with %q; take its reason out of the table", r.page, r.text)
		}
	}
	for begin := range exits {
		if !slices.ContainsFunc(pageNames(t), func(page string) bool { return strings.Contains(readPage(t, page), begin) }) {
			t.Errorf("no page has %q; take its exit code out of the table", begin)
		}
	}
}
