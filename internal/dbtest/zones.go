package dbtest

import (
	"context"
	"path"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
)

// zones are the time zones of tests, by name.
var zones sync.Map

// InZones runs a test about days once for a business in each of three time
// zones, as subtests at the same time. UTC+14 and UTC−11 lie so far apart that
// at any hour one of the two has another day than UTC. The databases that the
// test gets from New are set to its zone.
func InZones(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	for _, zone := range []string{"Pacific/Kiritimati", "Pacific/Pago_Pago", "Australia/Sydney"} {
		t.Run(path.Base(zone), func(t *testing.T) {
			t.Parallel()
			zones.Store(t.Name(), zone)
			test(t)
		})
	}
}

// setZone moves the business of a test within InZones to the test's zone.
func setZone(t testing.TB, db *pgxpool.Pool) {
	t.Helper()
	for name := t.Name(); name != "."; name = path.Dir(name) {
		if zone, ok := zones.Load(name); ok {
			if _, err := db.Exec(context.Background(), `update company set time_zone = $1`, zone); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
}
