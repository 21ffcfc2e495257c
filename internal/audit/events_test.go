package audit_test

import (
	"slices"
	"testing"

	"fieldgate/internal/audit"
	"fieldgate/internal/event"
)

// TestEveryActionIsAnEventOrHasAReason: who adds an action says what systems
// hear of it, and no kind of event is there that nobody causes.
func TestEveryActionIsAnEventOrHasAReason(t *testing.T) {
	t.Parallel()
	var caused []event.Kind
	for a := range audit.Actions() {
		kind, why := audit.EventOf(a)
		switch {
		case kind == "" && why == "":
			t.Errorf("%s of a %s is no event, and has no reason: give it one in events.go", a.Name(), a.Thing())
		case kind != "" && !kind.Known():
			t.Errorf("%s of a %s becomes %s, which is in no group of kinds", a.Name(), a.Thing(), kind)
		case kind != "":
			caused = append(caused, kind)
		}
	}
	for _, kind := range event.Kinds() {
		if !slices.Contains(caused, kind) {
			t.Errorf("nothing becomes %s", kind)
		}
		if kind.Label() == "" {
			t.Errorf("%s has no label", kind)
		}
	}
}
