from workorders.management.imports import ImportCommand
from workorders.services.importing import import_certifications


class Command(ImportCommand):
    help = (
        "Create or update technicians' certifications from a CSV file."
        " Imports all rows or none, unless --rejects is given."
    )
    run_import = staticmethod(import_certifications)
