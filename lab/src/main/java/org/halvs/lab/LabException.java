package org.halvs.lab;

/** The laboratory itself does not work: a program is missing, the kernel refuses a device. Never the outcome of an experiment. */
public final class LabException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LabException(String message) {
        super(message);
    }
}
