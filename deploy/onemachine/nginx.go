package onemachine

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"pagesession/deploy"
)

// frame is around the sites. %q is the folder; nginx writes nothing elsewhere.
const frame = `daemon off;
worker_processes 1;
pid %[1]s/nginx.pid;
error_log stderr warn;
events { worker_connections 4096; }
http {
	access_log off;
	client_body_temp_path %[1]s/body;
	proxy_temp_path %[1]s/proxy;
	fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi;
	scgi_temp_path %[1]s/scgi;
%[2]s}
`

// startNginx starts nginx with deploy/nginx-several.conf for each front, without TLS.
func (m *Machine) startNginx(ctx context.Context) error {
	program, err := installed("nginx", "nginx-light")
	if err != nil {
		return err
	}
	dir := m.path("nginx")
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return err
	}
	var sites strings.Builder
	for i, f := range m.config.Ports {
		if f.Addr == "" {
			if f.Addr, err = freeAddr(); err != nil {
				return err
			}
		}
		m.Ports = append(m.Ports, f.Addr)
		sites.WriteString(site(fmt.Sprintf("front%d", i+1), f.Addr, m.behind(f)))
	}
	conf := m.path("nginx", "nginx.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, frame, dir, sites.String()), 0o600); err != nil {
		return err
	}
	if m.Nginx, err = m.begin("nginx", m.Ports[0], syscall.SIGQUIT, exec.Command(program, "-p", dir, "-c", conf)); err != nil {
		return err
	}
	return m.Nginx.await(ctx, func(ctx context.Context) error { return answers(ctx, m.Ports[0]) })
}

// behind returns the addresses of the servers behind a front.
func (m *Machine) behind(f Port) []string {
	var list []string
	for i, s := range m.Servers {
		if f.Servers == nil && i < m.config.Servers || slices.Contains(f.Servers, i) {
			list = append(list, s.Addr)
		}
	}
	return list
}

// site returns deploy/nginx-several.conf for these servers on an address of the loopback.
func site(name, addr string, servers []string) string {
	conf, _, _ := strings.Cut(deploy.NginxSeveral(), "\nserver {\n\tlisten 80;")
	for _, edit := range [][2]string{
		{`(?m)^\s*(#|ssl_certificate|add_header|server_name).*\n`, ""},
		{`listen 443 ssl`, "listen " + addr},
		{`upstream pagesession `, "upstream " + name + " "},
		{`http://pagesession;`, "http://" + name + ";"},
	} {
		conf = regexp.MustCompile(edit[0]).ReplaceAllString(conf, edit[1])
	}
	line := regexp.MustCompile(`(?m)^(\tserver )10\.\S+( .*)$\n`)
	first := true
	return line.ReplaceAllStringFunc(conf, func(found string) string {
		if !first {
			return ""
		}
		first = false
		parts, all := line.FindStringSubmatch(found), ""
		for _, s := range servers {
			all += parts[1] + s + parts[2] + "\n"
		}
		return all
	})
}
