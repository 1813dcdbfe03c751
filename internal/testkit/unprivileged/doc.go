// Package unprivileged runs servers of other projects, such as PostgreSQL, without the
// rights of root when the tests run as root. Only tests may import it.
package unprivileged
