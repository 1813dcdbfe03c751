package traces

import "context"

// Flush sends the spans that wait, however long that takes on a busy machine.
func (t *Tracer) Flush() error { return t.provider.ForceFlush(context.Background()) }
