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
	"strings"

	"fieldgate/internal/blob"
	"fieldgate/internal/export"
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
	archive, taken := zip.NewWriter(w), export.Names{}
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
		out, err := archive.Create(taken.Distinct("Not included.txt"))
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
func pack(ctx context.Context, archive *zip.Writer, store blob.Store, f File, taken export.Names) error {
	content, err := store.Open(ctx, f.Key)
	if err != nil {
		return fmt.Errorf("open file: %w", err)
	}
	defer content.Close()
	head := &zip.FileHeader{Name: taken.Distinct(f.Name), Method: zip.Store, Modified: f.Modified}
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

// Rendition is the name of the picture made of a photo: “unit.jpg” of “unit.heic”.
func Rendition(photo string) string { return strings.TrimSuffix(photo, path.Ext(photo)) + ".jpg" }
