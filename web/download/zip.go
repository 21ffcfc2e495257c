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
	return ZipWith(w, r, store, name, nil, files, absent...)
}

// Made writes what is made for the request into an archive, before its files.
type Made func(*zip.Writer, export.Names) error

// ZipWith is Zip with what is made for this request.
func ZipWith(w http.ResponseWriter, r *http.Request, store blob.Store, name string, made []Made, files []File, absent ...string) error {
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", disposition(File{Name: name}))
	h.Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		return nil // nobody would get what is read
	}
	archive, taken := zip.NewWriter(w), folders{"": export.Names{}}
	for _, m := range made {
		if err := m(archive, taken[""]); err != nil {
			slog.WarnContext(r.Context(), "an archive broke off", "error", err)
			panic(http.ErrAbortHandler)
		}
	}
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
		out, err := archive.Create(taken[""].Distinct("Not included.txt"))
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

// folders are the names given in each folder of an archive.
type folders map[string]export.Names

func (all folders) distinct(f File) string {
	if f.Folder == "" {
		return all[""].Distinct(f.Name)
	}
	folder := export.Portable(f.Folder)
	if all[folder] == nil {
		all[folder] = export.Names{}
	}
	return folder + "/" + all[folder].Distinct(f.Name)
}

// pack adds a file. One that cannot be opened leaves no trace.
func pack(ctx context.Context, archive *zip.Writer, store blob.Store, f File, taken folders) error {
	content, err := store.Open(ctx, f.Key)
	if err != nil {
		return fmt.Errorf("open file: %w", err)
	}
	defer content.Close()
	head := &zip.FileHeader{Name: taken.distinct(f), Method: zip.Store, Modified: f.Modified}
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
