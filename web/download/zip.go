package download

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path"
	"strconv"
	"strings"

	"fieldgate/internal/blob"
	"fieldgate/internal/imaging"
)

// Zip sends files as one archive, written while they are read. Absent are
// reasons why others are not in it; they stand in a text of their own, as do
// files that the store has lost. When a file breaks off midway so does the
// archive, so that nobody takes half of it for all.
func Zip(w http.ResponseWriter, r *http.Request, store blob.Store, name string, files []File, absent ...string) error {
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", disposition(File{Name: name}))
	h.Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		return nil // nobody would get what is read
	}
	archive, taken := zip.NewWriter(w), names{}
	for _, f := range files {
		err := pack(r.Context(), archive, store, f, taken)
		switch {
		case errors.Is(err, blob.ErrNotFound):
			absent = append(absent, "“"+f.Name+"” could not be found.")
		case err != nil:
			slog.WarnContext(r.Context(), "an archive broke off", "error", err)
			panic(http.ErrAbortHandler)
		}
	}
	if len(absent) > 0 {
		out, err := archive.Create(taken.distinct("Not included.txt"))
		if err == nil {
			_, err = io.WriteString(out, strings.Join(absent, "\r\n")+"\r\n")
		}
		if err != nil {
			panic(http.ErrAbortHandler)
		}
	}
	if err := archive.Close(); err != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}

// pack adds a file. One that cannot be opened leaves no trace.
func pack(ctx context.Context, archive *zip.Writer, store blob.Store, f File, taken names) error {
	content, err := store.Open(ctx, f.Key)
	if err != nil {
		return fmt.Errorf("open file: %w", err)
	}
	defer content.Close()
	head := &zip.FileHeader{Name: taken.distinct(f.Name), Method: zip.Store, Modified: f.Modified}
	if head.Modified.IsZero() {
		head.Modified = content.Modified
	}
	if t, _ := imaging.TypeOf(f.Type); t.Packs() {
		head.Method = zip.Deflate
	}
	out, err := archive.CreateHeader(head)
	if err != nil {
		return fmt.Errorf("pack file: %w", err)
	}
	if n, err := io.Copy(out, content); err != nil {
		return fmt.Errorf("pack file: %w", err)
	} else if n != content.Size {
		return fmt.Errorf("pack file: %d bytes instead of %d", n, content.Size)
	}
	return nil
}

// names are those given in an archive, without regard to case, which some file
// systems do not keep apart, each with the number that its last namesake got: an
// archive may hold thousands of “image.jpg”.
type names map[string]int

// distinct makes a name that every file system takes, and no other file has:
// “unit.jpg”, “unit (2).jpg”.
func (n names) distinct(name string) string {
	name = portable(name)
	wanted := strings.ToLower(name)
	if n[wanted] > 0 {
		ending := path.Ext(name)
		stem := strings.TrimSuffix(name, ending)
		for n[strings.ToLower(name)] > 0 {
			n[wanted]++
			name = stem + " (" + strconv.Itoa(n[wanted]) + ")" + ending
		}
	}
	n[strings.ToLower(name)] = 1
	return name
}

// portable leaves out what a file system or a program that unpacks might take
// for a place or a device.
// https://learn.microsoft.com/windows/win32/fileio/naming-a-file
func portable(name string) string {
	name = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || strings.ContainsRune(`<>:"/\|?*`, c) {
			return '_'
		}
		return c
	}, strings.ToValidUTF8(name, "_"))
	name = strings.TrimRight(strings.TrimLeft(name, " "), " .")
	if name == "" {
		return "file"
	}
	device, _, _ := strings.Cut(strings.ToUpper(name), ".")
	switch device = strings.TrimRight(device, " "); {
	case device == "CON", device == "PRN", device == "AUX", device == "NUL",
		len(device) == 4 && (strings.HasPrefix(device, "COM") || strings.HasPrefix(device, "LPT")) && device[3] >= '0' && device[3] <= '9':
		return "_" + name
	}
	return name
}

// Rendition is the name of the picture made of a photo: “unit.jpg” of “unit.heic”.
func Rendition(photo string) string { return strings.TrimSuffix(photo, path.Ext(photo)) + ".jpg" }
