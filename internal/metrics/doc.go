// Package metrics answers Prometheus: what the server has counted since its start, and how it
// is now. A metric is one row of Table. The numbers are those that the other packages keep
// anyway; a scrape reads them, so between two scrapes only Requests costs something.
//
// Labels have values that are known before the first request. None comes from a request, so the
// number of series is fixed, and none names a visitor, an operator, a session or an address.
package metrics
