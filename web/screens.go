package web

import (
	"net/http"
)

// Screens are the program's screens, one group a noun.
type Screens struct {
	Dev http.Handler // the demo's mailbox and gallery; nil elsewhere
}

// brand is the business's look, for everybody: sign-in pages need it.
func brand(t *table, s Screens) {}

// portalDoors are the ways into the portal.
func portalDoors(t *table, s Screens) {}

// portalScreens are what contacts see and do.
func portalScreens(t *table, s Screens) {}

// officeDoors are the ways into the office.
func officeDoors(t *table, s Screens) {}

// officeScreens are what staff see and do.
func officeScreens(t *table, s Screens) {}

// adminScreens are for Administrators.
func adminScreens(t *table, s Screens) {}
