// Package netns makes network namespaces for tests, on Linux: networks of their own, whose
// lines a test can cut. Only tests may import it.
package netns
