package gate

import (
	"net/http"

	"fieldgate/internal/keeper"
	"fieldgate/internal/staff"
)

// Kept is a screen that asks for a change of things of these kinds: when another
// system keeps one of them, it says so instead. The deed behind it refuses, too.
func Kept(screen func(http.ResponseWriter, *http.Request, staff.Viewer) error, kinds ...keeper.Kind) func(http.ResponseWriter, *http.Request, staff.Viewer) error {
	return func(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
		if err := v.Keepers.Check(v.Source, kinds...); err != nil {
			return err
		}
		return screen(w, r, v)
	}
}
