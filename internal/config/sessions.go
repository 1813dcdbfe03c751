package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// A SessionServer says where sessions are kept that several servers share: Redis or
// Valkey. The zero value stands for the file in the data folder.
type SessionServer struct {
	Addresses          []string // hosts with ports; nil: the file
	Cluster            bool     // the addresses are nodes of a Cluster
	MasterSet          string   // the addresses are sentinels that watch this master; "": no Sentinel
	TLS                bool
	Username, Password string
	SentinelPassword   string // never in the URL
	Database           int
}

// IsFile reports whether sessions are in the file in the data folder.
func (r SessionServer) IsFile() bool { return len(r.Addresses) == 0 }

// String returns the URL, without a password; "" for the file.
func (r SessionServer) String() string {
	if r.IsFile() {
		return ""
	}
	scheme, path := "redis", ""
	if r.TLS {
		scheme = "rediss"
	}
	switch {
	case r.Cluster:
		scheme += "+cluster"
	case r.MasterSet != "":
		scheme, path = scheme+"+sentinel", "/"+r.MasterSet
	}
	if r.Database > 0 {
		path += "/" + strconv.Itoa(r.Database)
	}
	user := ""
	if r.Username != "" {
		user = url.User(r.Username).String() + "@"
	}
	return scheme + "://" + user + strings.Join(r.Addresses, ",") + path
}

// The ports that an address without one means.
const redisPort, sentinelPort = "6379", "26379"

var errSessions = errors.New("is not a URL of Redis; use redis://host:6379, redis+sentinel://host:26379,host:26379/MASTER or redis+cluster://host:6379,host:6379, with rediss instead of redis for TLS, or leave it empty for a file in the data folder")

var errEncoding = errors.New("has a name or password that is not percent-encoded; write for example %40 for @, %2F for /, %3F for ? and %23 for #")

// ParseSessionServer reads the URL of a Redis server, redis://host:port/database; of
// sentinels, redis+sentinel://host,host/master/database; or of a Cluster,
// redis+cluster://host,host. rediss instead of redis stands for TLS. "" is the file. The
// error is the second half of a sentence, says what to do, and has no password.
func ParseSessionServer(s string) (SessionServer, error) {
	if s == "" {
		return SessionServer{}, nil
	}
	scheme, rest, ok := strings.Cut(s, "://")
	protocol, mode, _ := strings.Cut(scheme, "+")
	if !ok || protocol != "redis" && protocol != "rediss" {
		return SessionServer{}, errSessions
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 && strings.Contains(rest[i:], "@") {
		return SessionServer{}, errEncoding
	}
	if strings.ContainsAny(rest, "?#") {
		return SessionServer{}, errSessions
	}
	r := SessionServer{TLS: protocol == "rediss"}
	hosts, path, _ := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(hosts, '@'); i >= 0 {
		if err := r.parseUser(hosts[:i]); err != nil {
			return SessionServer{}, err
		}
		hosts = hosts[i+1:]
	}
	var err error
	switch scheme[len(protocol):] {
	case "":
		err = r.parseServer(hosts, path)
	case "+sentinel":
		err = r.parseSentinels(hosts, path)
	case "+cluster":
		err = r.parseCluster(hosts, path)
	default:
		err = fmt.Errorf("has the unknown mode %s; use redis, redis+sentinel or redis+cluster", quote(mode))
	}
	if err != nil {
		return SessionServer{}, err
	}
	return r, nil
}

func (r *SessionServer) parseUser(text string) (err error) {
	user, password, _ := strings.Cut(text, ":")
	if r.Username, err = url.PathUnescape(user); err == nil {
		r.Password, err = url.PathUnescape(password)
	}
	if err != nil {
		return errEncoding
	}
	return nil
}

func (r *SessionServer) parseServer(hosts, path string) (err error) {
	if strings.Contains(hosts, ",") {
		return errors.New("names several servers; use redis+sentinel or redis+cluster, or name one")
	}
	if err := r.parseHosts(hosts, redisPort); err != nil {
		return err
	}
	return r.parseDatabase(path)
}

func (r *SessionServer) parseSentinels(hosts, path string) error {
	master, database, _ := strings.Cut(path, "/")
	if r.MasterSet = master; master == "" {
		return errors.New("lacks the name by which the sentinels know the master; use redis+sentinel://host:26379/MASTER")
	}
	if err := r.parseHosts(hosts, sentinelPort); err != nil {
		return err
	}
	return r.parseDatabase(database)
}

func (r *SessionServer) parseCluster(hosts, path string) error {
	if path != "" && path != "0" {
		return errors.New("names a database, and a Cluster has none; leave out what follows the hosts")
	}
	r.Cluster = true
	return r.parseHosts(hosts, redisPort)
}

func (r *SessionServer) parseHosts(hosts, port string) error {
	for host := range strings.SplitSeq(hosts, ",") {
		address, err := withPort(host, port)
		if err != nil {
			return err
		}
		r.Addresses = append(r.Addresses, address)
	}
	return nil
}

// withPort returns a host with its port, or with the usual one.
func withPort(host, usual string) (string, error) {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port, err = net.SplitHostPort(host + ":" + usual)
	}
	n, numberErr := strconv.ParseUint(port, 10, 16)
	if err != nil || numberErr != nil || n == 0 || name == "" || strings.ContainsAny(name, " \t[]@") {
		return "", fmt.Errorf("has the address %s; use host:port, with brackets around an IPv6 address", quote(host))
	}
	return net.JoinHostPort(name, port), nil
}

func (r *SessionServer) parseDatabase(text string) error {
	if text == "" {
		return nil
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return fmt.Errorf("has the database %s; use a number, such as redis://host:6379/1", quote(text))
	}
	r.Database = int(n)
	return nil
}
