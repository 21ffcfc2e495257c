package journey_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"fieldgate/web/apptest"
)

// TestMovingInJourney: photos come in by a zip and go again, the next number is
// set, and calendars get their addresses, at a desk and on a phone.
func TestMovingInJourney(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.New(t)
	var packed, photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 64, 48)), nil); err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(&packed)
	for name, content := range map[string][]byte{"J-1001/before.jpg": photo.Bytes(), "C-1001/E-001/plate.jpg": photo.Bytes(), "J-9999/nobody.jpg": photo.Bytes(), "Q-1001/drawing.txt": []byte("Words."), "J-1001/run.exe": []byte("MZ\x90\x00")} {
		part, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	sent := filepath.Join(t.TempDir(), "old-system.zip")
	if err := os.WriteFile(sent, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}

	office := app.Tab(browser)
	signIn(office, "/office/login", "ada", "/office/admin/import-files")
	look := func(tab *apptest.Tab, name string) {
		t.Helper()
		for _, size := range []int64{360, 1440} {
			tab.Size(size, 900)
			tab.Axe()
			picture(tab, fmt.Sprint(name, "-", size))
		}
	}
	office.Open("/office/admin/import-files")
	look(office, "import-files")
	office.Attach("input[name=zip]", sent)
	office.Press("Read the zip")
	office.See("Add 3 files")
	look(office, "import-files-ready")
	office.Press("Add 3 files")
	office.See("Until")
	office.See("Undo")
	look(office, "import-files-added")
	office.Press("Undo")
	office.See("Taken back")
	look(office, "import-files-undone")

	office.Open("/office/admin/numbers")
	look(office, "numbers")
	office.Fill("Next number", "7")
	office.Press("Save the next number of Customers")
	office.See("none is given twice")
	look(office, "numbers-refused")

	office.Open("/office/account/calendar")
	office.Press("Make an address: Your visits")
	office.See("This address is a secret")
	look(office, "office-calendar-address")
	office.Press("Done")
	office.See("Last read by a calendar")
	look(office, "office-calendar")
	office.Open("/office/admin/staff/3/calendar")
	look(office, "staff-calendar")
	office.Open("/office/admin/staff/3")
	look(office, "staff")

	portal := app.Tab(browser)
	signIn(portal, "/login", "lee", "/details/calendar")
	portal.Open("/details/calendar")
	look(portal, "portal-calendar")
	portal.Press("Make an address")
	portal.See("Add to this device’s calendar")
	look(portal, "portal-calendar-address")
}
