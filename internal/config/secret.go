package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"regexp"
	"strings"
	"syscall"

	"pagesession/internal/disk"
)

// findSecret is find for a setting with a file. Besides NAME it reads NAME_FILE, which names a file
// with the value.
func (src *sources) findSecret(s setting, written map[string]assignment) (assignment, error) {
	a, file := written[s.variable()], written[s.variable()+fileSuffix]
	a.secret = s.secret
	switch {
	case !file.isSet():
		return a, nil
	case a.isSet():
		return a, fmt.Errorf("%s and %s are both set; keep one of them", a, file)
	}
	data, info, err := read(file.text)
	if err != nil {
		return a, fmt.Errorf("%s %w", file, err)
	}
	secret := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	if secret == "" {
		return a, fmt.Errorf("%s names an empty file; write the secret to it", file)
	}
	if !disk.IsSecret(info) {
		src.warn("%s names a file that other users can read; chmod 600 the file", file)
	}
	src.warnOfOwner(file, info)
	a = assignment{name: file.name, text: secret, from: file.from, secret: true, file: file.text}
	a.from.Variable = file.name
	return a, nil
}

const fileSuffix = "_FILE"

// maxFile bounds a file of settings or of a secret, in bytes.
const maxFile = 1 << 20

// read returns the content of a regular file, and what the system says of it. It refuses a
// pipe, which could block the start, and a file that others can change. The error completes the
// sentence `NAME="file" …`.
func read(name string) (data []byte, info fs.FileInfo, err error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, unreadable(err)
	}
	defer func() { _ = f.Close() }()
	info, err = f.Stat()
	switch {
	case err != nil:
		return nil, nil, unreadable(err)
	case !info.Mode().IsRegular():
		return nil, nil, unreadable(errors.New("not a regular file"))
	}
	if err := disk.CheckWriters(info); err != nil {
		return nil, nil, fmt.Errorf("names a file that %w", err)
	}
	if data, err = io.ReadAll(io.LimitReader(f, maxFile+1)); err != nil {
		return nil, nil, unreadable(err)
	}
	if len(data) > maxFile {
		return nil, nil, unreadable(fmt.Errorf("larger than %d bytes", maxFile))
	}
	return data, info, nil
}

// unreadable removes the operation and the path from a file system's error.
func unreadable(err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		err = p.Err
	}
	return fmt.Errorf("cannot be read: %w", err)
}

// warnOfOwner warns if a file belongs to a user who is neither this process's nor root, and who
// can change it. It is no mistake: a container's files are often those of another user.
func (src *sources) warnOfOwner(file assignment, info fs.FileInfo) {
	if uid := disk.OwnerOf(info); uid > 0 && uid != os.Geteuid() {
		src.warn("%s names a file of user %d, who can change it; chown it to root, or to the user that reads it", file, uid)
	}
}

// refusePassword refuses a password in a flag, because other users of the machine can
// read the command line.
func (s setting) refusePassword(flag assignment) error {
	if !holdsPassword(flag.text) {
		return nil
	}
	cure := s.variable() + " in the environment or the settings file instead"
	switch s.name {
	case accounts:
		cure += ", or PGPASSWORD"
	case sessions:
		cure += ", or " + setting{name: sessionsPassword}.variable()
	}
	return fmt.Errorf("%s has a password, and other users of this machine can read the command line; set %s", flag, cure)
}

// holdsPassword reports whether s has a URL with a password, before the host as in
// redis://:secret@host or as a parameter, or PostgreSQL's other form, password=secret.
func holdsPassword(s string) bool {
	plain, err := url.QueryUnescape(s) // a parameter's name may be escaped
	return passwordInURL.MatchString(s) || err == nil && passwordInURL.MatchString(plain)
}

// The password may contain a slash or a space that should be escaped.
var passwordInURL = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*://([^@\s/?#]*:[^@]*@|\S*[?&](\w*password|passwd|pwd)=)|(^|\s)\w*password\s*=`)

// withoutScheme matches what may be a URL with a password that lacks its scheme, as in
// me:secret@host. It may also be the name of a file, so a flag with it is not refused.
var withoutScheme = regexp.MustCompile(`^[^@\s/?#:]*:[^@/\\][^@]*@`)
