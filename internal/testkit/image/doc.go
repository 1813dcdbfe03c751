// Package image reads a Containerfile and lays out the root of its image in a folder, so that a
// test can run the image's program in a chroot where no container engine is installed. It knows
// the instructions that deploy/Containerfile needs; another one is an error, and so is an unknown
// option. Only tests may import it.
package image
