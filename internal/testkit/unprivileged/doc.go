// Package unprivileged runs servers of other projects, such as PostgreSQL, without the
// rights of root when the tests run as root. It ends them, also when the test is killed.
// Only tests may import it.
package unprivileged
