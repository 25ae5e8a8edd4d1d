package command

import (
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"
)

// generateCommand makes files of what the program knows about itself, for those
// who build packages of it.
func generateCommand() *cobra.Command {
	return &cobra.Command{Use: "generate man DIR", Hidden: true, Annotations: apart, Short: "write the manual pages into a directory",
		Long:    "Write the manual pages, named-jail.8 and one for each command, into the directory DIR, which is made where it is missing.",
		Example: "  named-jail generate man build/man\n  SOURCE_DATE_EPOCH=1764547200 named-jail generate man build/man",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 || args[0] != "man" {
				return usageError{"generate: say what and where: named-jail generate man DIR"}
			}
			return writeManual(cmd.Root(), args[1])
		}}
}

// writeManual writes the manual pages into a directory. Errors: those of the
// directory and of its files; a bad SOURCE_DATE_EPOCH.
func writeManual(root *cobra.Command, dir string) error {
	date, err := manualDate()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	to, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer to.Close()
	pages := manualPages(root, date)
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		if err := to.WriteFile(name, []byte(pages[name]), 0o644); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
