package file

import (
	"bytes"
	"slices"
)

// Names inside the bucket.
var (
	recordsBucket = []byte("records") // sequence number -> entry
	touchesBucket = []byte("touches") // sequence number -> touches
	endsBucket    = []byte("ends")    // sequence number -> ends
	metaBucket    = []byte("meta")
	markKey       = []byte("mark") // mark of the last commit
)

// buckets are the four that hold everything.
func buckets() [][]byte { return [][]byte{recordsBucket, touchesBucket, endsBucket, metaBucket} }

// isOwnBucket reports whether a bucket is one of them.
func isOwnBucket(bucket []byte) bool {
	return slices.ContainsFunc(buckets(), func(b []byte) bool { return bytes.Equal(b, bucket) })
}
