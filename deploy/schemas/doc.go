// Package schemas checks the files of deploy/ for container engines and clusters with the programs'
// own code: compose.yml with the loader of the Compose specification, the manifests with the
// validation of Kubernetes's API server. It is a module of its own, so that the server and its
// users download none of that. Only its tests use it.
package schemas
