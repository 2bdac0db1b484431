package org.halvs.ipvs.admin;

/** The reasons for which the kernel refuses a command, and how ipvsadm words them. */
public enum KernelError {
    EEXIST("File exists"),
    ENOENT("No such file or directory"),
    ESRCH("No such process"),
    EINVAL("Invalid operation.  Possibly wrong module version, address not unicast, ..."),
    ERANGE("Numerical result out of range"),
    ENODEV("No such device"),
    EPERM("Permission denied (you must be root)"),
    ENOPROTOOPT("Protocol not available"),
    ENOMEM("Memory allocation problem"),
    EOPNOTSUPP("Operation not supported with IPv6"),
    EAFNOSUPPORT("Operation not supported with specified address family");

    private final String text;

    KernelError(String text) {
        this.text = text;
    }

    /** The line ipvsadm prints when {@code command} fails for this reason. */
    public String message(AdminCommand command) {
        return switch (this) {
            case EEXIST ->
                switch (command) {
                    case AdminCommand.AddService _ -> "Service already exists";
                    case AdminCommand.AddServer _ -> "Destination already exists";
                    case AdminCommand.StartDaemon _ -> "Daemon has already run";
                    default -> text;
                };
            case ENOENT ->
                switch (command) {
                    case AdminCommand.AddService _, AdminCommand.EditService _ ->
                        "Scheduler or persistence engine not found";
                    case AdminCommand.EditServer _, AdminCommand.DeleteServer _ -> "No such destination";
                    default -> text;
                };
            case ESRCH ->
                switch (command) {
                    case AdminCommand.AddServer _, AdminCommand.EditServer _, AdminCommand.DeleteServer _ ->
                        "Service not defined";
                    case AdminCommand.EditService _, AdminCommand.DeleteService _, AdminCommand.Zero _ ->
                        "No such service";
                    case AdminCommand.Show _ -> "No such service";
                    case AdminCommand.StopDaemon _ -> "No daemon is running";
                    default -> text;
                };
            case EINVAL, ERANGE, ENODEV, EPERM, ENOPROTOOPT, ENOMEM, EOPNOTSUPP, EAFNOSUPPORT -> text;
        };
    }
}
