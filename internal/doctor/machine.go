package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"fieldgate/internal/backup"
	"fieldgate/internal/blob"
	"fieldgate/internal/drop"
	"fieldgate/internal/mail"
	"fieldgate/internal/pdf"
	"fieldgate/internal/storage"
)

func configuration(_ context.Context, r *round) (found []Finding) {
	for _, w := range r.Wrong {
		found = append(found, fault(w+".", ""))
	}
	if len(found) > 0 {
		return found
	}
	if u, err := url.Parse(r.Config.BaseURL); err == nil && u.Scheme == "http" && !local(u.Hostname()) {
		return one(warning("Customers reach the portal without encryption: FIELDGATE_BASE_URL begins with http://.", "Put a proxy with a certificate in front, and write https://."))
	}
	return one(ok("Everything is set that has to be."))
}

func files(ctx context.Context, r *round) []Finding {
	switch {
	case r.Unopened != nil:
		return one(fault("The files’ storage cannot be opened: "+r.Unopened.Error()+".", "Check FIELDGATE_STORAGE."))
	case r.Store == nil:
		return one(fault("There is no storage for files.", "Set FIELDGATE_STORAGE."))
	}
	trouble := r.Store.Known()
	if r.thorough {
		trouble = r.Store.Look(ctx)
	}
	if f := storageNotice(trouble); f != nil {
		return one(*f)
	}
	if r.thorough {
		return one(ok("A file was written, read and deleted."))
	}
	return one(ok("Storage takes files."))
}

func storageNotice(t storage.Trouble) *Finding {
	if !t.Any() {
		return nil
	}
	f := fault(upper(t.Sentence())+".", map[blob.Kind]string{
		blob.Full: "Make room: files can be looked at, but none added.", blob.ReadOnly: "Let the program write there again.",
		blob.Refused: "Check FIELDGATE_STORAGE: address, bucket or folder, key and secret, and that it may read, write, list and delete there.",
	}[t.Kind])
	if f.Do == "" {
		f.Do = "See that it runs and can be reached; the program goes on by itself once it is back."
	}
	return &f
}

func upper(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// little is how much room is too little, and hardly any how much is a fault.
const (
	little    = 2 << 30
	hardlyAny = 200 << 20
)

// space looks at the folders of this machine that the program writes to.
func space(_ context.Context, r *round) (found []Finding) {
	folders := []struct{ what, address string }{
		{"the files’ folder", r.Config.Storage}, {"the backups’ folder", r.Config.Backup}, {"the folder for temporary files", "file://" + os.TempDir()},
	}
	for _, f := range folders {
		u, err := url.Parse(f.address)
		if err != nil || u.Scheme != "file" {
			continue
		}
		var disk syscall.Statfs_t
		if err := syscall.Statfs(u.Path, &disk); err != nil {
			if !errors.Is(err, os.ErrNotExist) { // a folder that is not there is for the checks of storage and backups
				found = append(found, warning(fmt.Sprintf("How much room is left in %s cannot be asked: %v.", f.what, err), ""))
			}
			continue
		}
		free := disk.Bavail * uint64(disk.Bsize)
		left := fmt.Sprintf("In %s, %s, %.1f GB are left", f.what, u.Path, float64(free)/1e9)
		switch {
		case free < hardlyAny:
			found = append(found, fault(left+".", "Make room now: soon no file can be saved."))
		case free < little:
			found = append(found, warning(left+".", "Make room."))
		default:
			found = append(found, ok(left+"."))
		}
	}
	return found
}

// fonts looks whether documents can be printed in the scripts that pages show.
func fonts(_ context.Context, r *round) []Finding {
	missing := pdf.NewFonts(r.Config.Fonts).Missing()
	if len(missing) == 0 {
		return one(ok("Quotes and work reports can be printed in all scripts that there are fonts for."))
	}
	return one(warning("Quotes and work reports cannot be printed in every script: "+strings.Join(missing, ", ")+" missing in "+r.Config.Fonts+".",
		"Put the folder fonts that comes with the program beside it, or name it with FIELDGATE_FONTS."))
}

func mailServer(ctx context.Context, r *round) []Finding {
	if r.Mailer == nil {
		return one(fault("No mail server is set.", "Set FIELDGATE_SMTP_URL and FIELDGATE_MAIL_FROM."))
	}
	if err := r.Mailer.Check(ctx); err != nil {
		e := r.Mailer.Explain(err)
		words := ""
		if w := mail.Words(err); w != "" {
			words = " (" + w + ")"
		}
		return one(fault(strings.TrimSuffix(e.What, ".")+words+".", e.Advice))
	}
	return one(ok(r.Mailer.Where() + " takes mail: " + r.Mailer.How() + ". None was sent."))
}

// dropFolder looks whether files that other systems put down can be taken.
func dropFolder(ctx context.Context, r *round) []Finding {
	if r.Config.Drop == "" {
		return one(ok("FIELDGATE_DROP is not set: no files of other systems are looked for."))
	}
	place, err := drop.At(r.Config.Drop)
	if err == nil {
		err = place.Try(ctx)
	}
	if err != nil {
		return one(fault("The drop folder cannot be used: "+oneLine(err.Error())+".", "See that what FIELDGATE_DROP names is there, and that the program may list, read, write and remove files in it."))
	}
	return one(ok("Files that are put into the drop folder can be taken and moved."))
}

// old is the age from which the newest backup is too old.
const old = 48 * time.Hour

func backups(ctx context.Context, r *round) []Finding {
	if r.Config.Backup == "" {
		return one(warning("FIELDGATE_BACKUP is not set, so nothing is known of backups.", "Set it, and let fieldgate backup run every night; or see that whatever else makes your backups does."))
	}
	target, err := blob.New(r.Config.Backup)
	if err != nil {
		return one(fault("Backups cannot be looked at: "+err.Error()+".", "Check FIELDGATE_BACKUP."))
	}
	all, err := backup.List(ctx, target)
	switch {
	case err != nil:
		return one(fault("Backups cannot be looked at: "+err.Error()+".", "See that the folder or bucket in FIELDGATE_BACKUP is there and lets the program in."))
	case len(all) == 0:
		return one(fault("There is no backup.", "Run fieldgate backup, and let it run every night."))
	}
	newest := all[0]
	switch age := sinceNow(newest.At); {
	case age > old:
		return one(fault(fmt.Sprintf("The newest backup is %.0f days old.", age.Hours()/24), "See why fieldgate backup does not run every night."))
	case len(newest.Missing) > 0:
		return one(warning(fmt.Sprintf("The newest backup lacks %s that storage did not have.", count(len(newest.Missing), "file")), "fieldgate files check lists them."))
	}
	return one(ok(fmt.Sprintf("The newest of %s is from %s.", count(len(all), "backup"), newest.At.UTC().Format("2 January 2006, 15:04 UTC"))))
}
