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
	data, exposed, err := read(file.text)
	if err != nil {
		return a, fmt.Errorf("%s cannot be read: %w", file, err)
	}
	secret := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	if secret == "" {
		return a, fmt.Errorf("%s names an empty file; write the secret to it", file)
	}
	if exposed {
		src.warn("%s names a file that other users can read; chmod 600 the file", file)
	}
	a = assignment{name: file.name, text: secret, from: file.from, secret: true}
	a.from.Variable = file.name
	return a, nil
}

const fileSuffix = "_FILE"

// maxFile bounds a file of settings or of a secret, in bytes.
const maxFile = 1 << 20

// read returns the content of a regular file, and whether other users can read it. It
// refuses a pipe, which could block the start. The error leaves out the name.
func read(name string) (data []byte, exposed bool, err error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, false, bare(err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, false, bare(err)
	case !info.Mode().IsRegular():
		return nil, false, errors.New("not a regular file")
	}
	if data, err = io.ReadAll(io.LimitReader(f, maxFile+1)); err != nil {
		return nil, false, bare(err)
	}
	if len(data) > maxFile {
		return nil, false, fmt.Errorf("larger than %d bytes", maxFile)
	}
	return data, disk.OthersCanRead(info), nil
}

// bare removes the operation and the path from a file system's error.
func bare(err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
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
