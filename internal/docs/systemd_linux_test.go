package docs

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// A manager is what the pages need of systemd: it starts and stops the units that are installed
// in the view, and passes sockets on. The program systemctl asks it.
type manager struct{ units map[string]*unit }

// An order is what systemctl was asked for; a reply is what it prints and its exit code.
type (
	order []string
	reply struct {
		Text string
		Code int
	}
)

func (m *manager) listen(path string) error {
	l, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			m.serve(conn) // one after the other
		}
	}()
	return nil
}

func (m *manager) serve(conn net.Conn) {
	defer conn.Close()
	var o order
	if json.NewDecoder(conn).Decode(&o) != nil {
		return
	}
	text, err := m.obey(o)
	r := reply{Text: text}
	if err != nil {
		r = reply{Text: text + err.Error() + "\n", Code: 1}
	}
	_ = json.NewEncoder(conn).Encode(r)
}

// obey does what systemctl was asked for.
func (m *manager) obey(o order) (text string, err error) {
	if len(o) == 0 {
		return "", errors.New("systemctl needs a command")
	}
	now := len(o) > 1 && o[1] == "--now"
	names := o[1:]
	if now {
		names = names[1:]
	}
	if o[0] == "daemon-reload" {
		return "", nil
	}
	if len(names) == 0 {
		return "", fmt.Errorf("systemctl %s needs a unit", o[0])
	}
	for _, name := range names {
		u, err := m.unit(name)
		if err == nil {
			var more string
			more, err = m.order(o[0], u, now)
			text += more
		}
		if err != nil {
			return text, fmt.Errorf("%s: %w", name, err)
		}
	}
	return text, nil
}

func (m *manager) order(verb string, u *unit, now bool) (string, error) {
	switch verb {
	case "enable":
		if len(u.get("Install.WantedBy")) == 0 {
			return "", errors.New("the unit has no WantedBy= in [Install]")
		}
		if !now {
			return "", nil
		}
		return "", m.start(u)
	case "start":
		return "", m.start(u)
	case "stop":
		return "", u.stop()
	case "restart":
		return "", errors.Join(u.stop(), m.start(u))
	case "reload":
		return "", u.reload()
	case "status":
		return u.say(), nil
	case "is-active":
		return u.active(), nil
	}
	return "", fmt.Errorf("the stand-in for systemctl does not know %q", verb)
}

// unit returns a unit by its name, as its files are now.
func (m *manager) unit(name string) (*unit, error) {
	if !strings.Contains(name, ".") {
		name += ".service"
	}
	u := m.units[name]
	if u == nil || u.process == nil {
		listener := (*os.File)(nil)
		if u != nil {
			listener = u.listener
		}
		settings, err := readUnit(name)
		if err != nil {
			return nil, err
		}
		u = &unit{name: name, settings: settings, listener: listener}
		m.units[name] = u
	}
	return u, nil
}

func (m *manager) start(u *unit) error {
	if strings.HasSuffix(u.name, ".socket") {
		return u.open()
	}
	var socket *unit
	if s := m.units[strings.TrimSuffix(u.name, ".service")+".socket"]; s != nil && s.listener != nil {
		socket = s
	}
	return u.run(socket)
}

// readUnit reads the file of a unit and its drop-ins, by "Section.Name".
func readUnit(name string) (map[string][]string, error) {
	all := make(map[string][]string)
	var files []string
	for _, folder := range []string{"/etc/systemd/system/", "/usr/local/lib/systemd/system/", "/usr/lib/systemd/system/"} {
		if _, err := os.Stat(folder + name); err == nil && files == nil {
			files = append(files, folder+name)
		}
	}
	if files == nil {
		return nil, errors.New("Unit could not be found") //nolint:staticcheck // systemd's words
	}
	more, _ := filepath.Glob("/etc/systemd/system/" + name + ".d/*.conf")
	for _, path := range append(files, more...) {
		if err := readUnitFile(path, all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func readUnitFile(path string, all map[string][]string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	section := ""
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		name, value, ok := strings.Cut(line, "=")
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case line[0] == '[':
			section = strings.Trim(line, "[]")
		case !ok:
			return fmt.Errorf("%s: %q is not a setting", path, line)
		case value == "":
			delete(all, section+"."+name)
		default:
			all[section+"."+name] = append(all[section+"."+name], value)
		}
	}
	return nil
}
